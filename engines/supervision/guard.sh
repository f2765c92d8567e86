#!/bin/sh
# Ends what a supervisor has started when the supervisor itself ends without doing so: killed, crashed, out of memory.
#
# Standard input is a pipe from the supervisor that carries one line a change: "+ PID" for a process group that was
# started, "- PID" for one that is gone. The pipe ends when the supervisor does, however that happens.
set -u
trap '' HUP INT TERM

readonly GRACE_S=5
groups=' '

# Of the groups, and of what they started in groups and sessions of its own (Spark's JVM): their process ids.
members() {
  found=$groups
  size=-1
  while [ "$size" -ne "${#found}" ]; do
    size=${#found}
    for stat in /proc/[0-9]*/stat; do
      # proc(5): "PID (NAME) STATE PARENT GROUP ...", and a name may hold anything.
      read -r line < "$stat" || continue
      pid=${line%% *}
      # shellcheck disable=SC2086 # words
      set -- ${line##*) }
      case $found in *" $pid "*) continue ;; esac
      case $found in *" $2 "* | *" $3 "*) found="$found$pid " ;; esac
    done
  done 2> /dev/null
  printf '%s' "$found"
}

is_any_alive() {
  for pid in $1; do
    kill -0 "$pid" 2> /dev/null && return 0
  done
  return 1
}

while read -r change pid; do
  case $change in
    +) groups="$groups$pid " ;;
    -) case $groups in *" $pid "*) groups="${groups%%" $pid "*} ${groups#*" $pid "}" ;; esac ;;
  esac
done

[ "$groups" = ' ' ] && exit 0
all=$(members)
for pid in $groups; do
  kill -TERM -- "-$pid" 2> /dev/null
done
waited=0
while [ "$waited" -lt "$GRACE_S" ] && is_any_alive "$all"; do
  sleep 1
  waited=$((waited + 1))
done
# What a process has started since then is in its group, most likely.
for pid in $groups; do
  kill -KILL -- "-$pid" 2> /dev/null
done
for pid in $all; do
  kill -KILL "$pid" 2> /dev/null
done
exit 0
