#!/bin/sh
set -eu
docker push shop
