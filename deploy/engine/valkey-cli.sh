#!/bin/bash
# Enough of valkey-cli for a health check: sends its arguments as one inline command.
exec 3<> /dev/tcp/127.0.0.1/6379
printf '%s\r\n' "$*" >&3
read -r -t 3 answer <&3
echo "$answer"
case "$answer" in -*) exit 1 ;; esac
