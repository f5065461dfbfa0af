"""One room a system. Imports go down the floors, and never up (`lint-imports`, in `make check`).

site                what only this site knows: a folder a job
kafka    git        Kafka on Strimzi; branches of git remotes
lock                one run at a time: a Lease of the cluster, and a file
records             records of runs: written, chained and looked at
gitlab   kubernetes their operations, facts and connectors
ssh      shell      SSH as ssh_config says; commands that outlive their connection
http                a resource of an API as a host
windows             when a job may change something: rules without a clock
api                 what every system shares, without a network
"""
