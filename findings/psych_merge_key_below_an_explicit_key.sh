#!/bin/sh
# A merge key (`<<`) only adds the keys that the mapping itself does not have: so says YAML 1.1's type
# "merge", and so does PyYAML (6.0.3). Ruby's Psych (5.2.3, here in JRuby 9.4.12.0), with which
# GitLab reads .gitlab-ci.yml, applies the lines in their order: a `<<` that stands below an explicit
# key overrides it. The same CI file has two meanings, depending on who checks it. It needs pip, Maven and Java.
#
# Seen:
#   PyYAML first=test last=test
#   Psych first=test last=build
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check PyYAML==6.0.3
mvn --quiet --batch-mode dependency:copy -Dartifact=org.jruby:jruby-complete:9.4.12.0 -DoutputDirectory=.
cat >ci.yml <<'END_OF_YAML'
.defaults: &defaults
  stage: build
first:
  <<: *defaults
  stage: test
last:
  stage: test
  <<: *defaults
END_OF_YAML
{
    venv/bin/python -c '
import yaml
jobs = yaml.safe_load(open("ci.yml"))
print("PyYAML", *(name + "=" + jobs[name]["stage"] for name in ("first", "last")))'
    java -jar jruby-complete-9.4.12.0.jar -ryaml -e '
abort "another Psych: #{Psych::VERSION}" if Psych::VERSION != "5.2.3"
jobs = YAML.load_file("ci.yml", aliases: true)
puts ["Psych", *%w[first last].map { |name| "#{name}=#{jobs[name]["stage"]}" }].join(" ")'
} | tee seen
cat >expected <<'END_OF_OUTPUT'
PyYAML first=test last=test
Psych first=test last=build
END_OF_OUTPUT
diff expected seen
