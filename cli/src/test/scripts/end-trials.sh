#!/bin/bash
# Ends 'capture' at random moments, with SIGINT, SIGTERM and SIGKILL in turn, and looks what is left.
#
#   cli/src/test/scripts/end-trials.sh MODEL PROBES FOLDER TRIALS [options of capture]…
#
# After SIGINT and SIGTERM nothing may be left beside the output or in the temporary folder, and no
# process. After SIGKILL the model's process must have ended within two seconds, and the next
# command must remove the rest. A model that takes long, or never comes back, is the best one to
# try: it is ended after at most LONGEST seconds, by default 6. FOLDER/tmp and FOLDER/out are emptied.
# PALIMPSEST_JAR is what to start, by default examples/target/palimpsest.jar, and NEXT another model
# for the command after a kill, if MODEL does not come back. The exit code is 0 if all went well.
set -um
model=$1
probes=$2
folder=$(mkdir -p "$3" && cd "$3" && pwd)
trials=$4
shift 4
jar=${PALIMPSEST_JAR:-examples/target/palimpsest.jar}
next=${NEXT:-$model}
longest=${LONGEST:-6}
signals=(INT TERM KILL)
wrong=0

capture() { # MODEL FILE [options]
  local what=$1 file=$2
  shift 2
  exec java -Djava.io.tmpdir="$folder/tmp" -jar "$jar" capture "$what" --probes "$probes" -o "$file" "$@"
}

living() { pgrep -fc "tmpdir=$folder/tmp"; }

fault() {
  echo "trial $trial: $*"
  wrong=$((wrong + 1))
}

empty() { # what is there beside whole files
  find "$folder/tmp" "$folder/out" -mindepth 1 ! -name 'out.npz' ! -name 'next.npz' | sort
}

for ((trial = 1; trial <= trials; trial++)); do
  rm -rf "${folder:?}/tmp" "${folder:?}/out"
  mkdir -p "$folder/tmp" "$folder/out"
  signal=${signals[$((trial % 3))]}
  (capture "$model" "$folder/out/out.npz" "$@") >"$folder/log" 2>&1 &
  pid=$!
  tenths=$((RANDOM % (longest * 10) + 3))
  sleep "$((tenths / 10)).$((tenths % 10))"
  kill -"$signal" "$pid" 2>/dev/null || signal=none
  wait "$pid" 2>/dev/null
  code=$?
  stage="$(ls -A "$folder/out" "$folder/tmp" | grep -c .)"
  for ((i = 0; i < 20; i++)); do
    [ "$(living)" -eq 0 ] && break
    sleep 0.1
  done
  [ "$(living)" -eq 0 ] || fault "a process lives on after $signal"
  if [ "$signal" = KILL ]; then
    (capture "$next" "$folder/out/next.npz") >"$folder/log" 2>&1 || fault "the next command failed"
  elif [ -s "$folder/log" ] && [ "$signal" != none ] && ! [ -e "$folder/out/out.npz" ]; then
    fault "printed after $signal: $(head -c 300 "$folder/log")"
  fi
  left=$(empty)
  [ -z "$left" ] || fault "left after $signal: $left"
  echo "trial $trial: $signal after $((tenths / 10)).$((tenths % 10)) s, exit code $code, $stage lines of listing; $wrong faults so far"
done
exit $((wrong > 0))
