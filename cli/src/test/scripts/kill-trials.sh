#!/bin/bash
# Kills 'track' with -9 at random moments, starts it again, and holds the tables against those of a
# study that nobody killed.
#
#   cli/src/test/scripts/kill-trials.sh RUNS FOLDER TRIALS [options of track]…
#
# A trial in which the study was done before it could be killed is made again. FOLDER takes one
# folder per trial. PALIMPSEST is the command to start, by default
# "java -jar examples/target/palimpsest.jar". The exit code is 0 if all tables are equal.
set -u
runs=$1
folder=$2
trials=$3
shift 3
palimpsest=${PALIMPSEST:-java -jar examples/target/palimpsest.jar}
tables="evolution.csv evolution.json checkpoints.csv"

mkdir -p "$folder"
begin=$SECONDS
$palimpsest track "$runs" -o "$folder/whole" "$@" >"$folder/whole.log" 2>&1 || exit 1
fastest=$((SECONDS - begin))
echo "not killed: ${fastest} s, $(wc -l <"$folder/whole/evolution.csv") lines"

# What the study was doing when it was killed, as its files tell.
stage() {
  if [ -e "$1/report.html" ]; then
    echo "drawing pictures"
  elif [ -e "$1/evolution.csv" ]; then
    echo "drawing the page"
  elif [ "$2" -gt 0 ]; then
    echo "running or comparing"
  else
    echo "starting"
  fi
}

different=0
trial=1
while [ "$trial" -le "$trials" ]; do
  study=$folder/trial$trial
  rm -rf "$study"
  $palimpsest track "$runs" -o "$study" "$@" >"$study.log" 2>&1 &
  pid=$!
  tenths=$((RANDOM % (fastest * 10) + 5))
  sleep "$((tenths / 10)).$((tenths % 10))"
  if ! kill -9 "$pid" 2>/dev/null; then
    wait "$pid"
    fastest=$((fastest > 5 ? fastest * 3 / 4 : fastest))
    continue
  fi
  wait "$pid" 2>/dev/null
  kept=$(cat "$study/figures.jsonl" 2>/dev/null | wc -l)
  was=$(stage "$study" "$kept")
  $palimpsest track "$runs" -o "$study" "$@" >>"$study.log" 2>&1 || echo "trial $trial failed"
  verdict=equal
  for table in $tables; do
    if ! cmp -s "$folder/whole/$table" "$study/$table"; then
      verdict="$table DIFFERS"
      different=$((different + 1))
    fi
  done
  echo "trial $trial: killed after $((tenths / 10)).$((tenths % 10)) s, $was, $kept lines kept; $verdict"
  trial=$((trial + 1))
done
exit $((different > 0))
