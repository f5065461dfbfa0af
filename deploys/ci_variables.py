"""Have the CI/CD variables of the project, masked, with values out of the operator's stores.

    pyinfra inventory.py deploys/ci_variables.py --dry     # fingerprints only
    pyinfra inventory.py deploys/ci_variables.py

docs/ci_variables.md says where the values come from.
"""

from pyinfra import host

from ops.api import secret_store
from ops.gitlab import variables
from ops.site.job import acts_on

acts_on("project")

if "project" in host.groups:
    scope = host.data.ci_variables_scope
    sources = host.data.ci_variables
    values = {key: secret_store.secret(key, source) for key, source in sources.items()}
    protected, files = (host.data.get(f"ci_variables_{name}") for name in ("protected", "files"))
    variables.check_masking(host, values, scope)
    variables.check_reach(host, values, scope, protected, host.data.ci_branch)
    variables.show_others(host, values, scope)
    for key, value in values.items():
        variables.variable(
            name=f"Set {key}",
            key=key,
            value=value,
            environment_scope=scope,
            variable_type="file" if key in (files or ()) else "env_var",
            protected=protected,
        )
