#!/bin/sh
# GitLab refuses pushes to the refs in the file `refused`, with the words of its own hook.
while read -r _old _new ref; do
    if grep -qxF "$ref" refused 2>/dev/null; then
        echo "GitLab: You are not allowed to push code to protected branches on this project." >&2
        exit 1
    fi
done
