#!/bin/sh
# GitHub's push protection for the refs in the file `refused`.
while read -r _old new ref; do
    if grep -qxF "$ref" refused 2>/dev/null; then
        cat >&2 <<END
error: GH013: Repository rule violations found for $ref.

- GITHUB PUSH PROTECTION
  —————————————————————————————————————————
    Resolve the following violations before pushing again

    - Push cannot contain secrets

     (?) Learn how to resolve a blocked push
     https://docs.github.com/code-security/secret-scanning/working-with-secret-scanning-and-push-protection/working-with-push-protection-from-the-command-line#resolving-a-blocked-push

      —— Redis Server Password ———————————————————————————
       locations:
         - commit: $new
           path: k8s/base/configmap.yaml:42

END
        exit 1
    fi
done
