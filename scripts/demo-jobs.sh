#!/usr/bin/env bash
# Prints 10,000 jobs for `vm-system batch run`: scripts of examples/scripts, six
# kinds of snippets with arguments of their own, some that fail in every way
# that a script can, one that loops for ever, and one line that is no job.
#
#   scripts/demo-jobs.sh COUNTS >jobs.ndjson
#
# Writes to the file COUNTS how many of them must end for which reason, as lines
# "REASON NUMBER", sorted.
set -euo pipefail

if [ $# -ne 1 ]; then
  echo "usage: $0 COUNTS" >&2
  exit 2
fi

awk -v counts="$1" '
function job(reason, rest) {
  printf "{\"id\":\"job-%d\",%s}\n", i, rest
  ++ended[reason]
}
function file(reason, path, args) {
  job(reason, "\"path\":\"" path ".js\"" (args ? ",\"args\":" args : ""))
}
function snippet(reason, input, args) {
  job(reason, "\"input\":\"" input "\"" (args ? ",\"args\":" args : ""))
}
BEGIN {
  files = split("word_count expression_parser life bank_queue async_pipeline" \
                " inventory orders_report", name, " ")
  for (i = 0; i < 10000; ++i) {
    if (i == 101)
      file("exception", "broken_ledger")
    else if (i == 202)
      file("cpu_timeout", "endless_search")
    else if (i == 303)
      file("memory_limit", "hungry")
    else if (i == 404)
      file("output_limit", "flood")
    else if (i == 505) {
      print "this line is no job"
      ++ended["invalid_job"]
    } else if (i == 5000)
      snippet("cpu_timeout", "for (;;) {}")
    else if (i % 250 == 7)
      file("ok", name[int(i / 250) % files + 1], "{\"minimum\":20}")
    else if (i % 1000 == 77)
      snippet("syntax_error", "let = ;")
    else if (i % 100 == 42)
      snippet("exception",
              "throw new RangeError(`no stock of ${__ARGS__.sku}`)",
              "{\"sku\":\"S-" i "\"}")
    else if (i % 6 == 0)
      snippet("ok", "let n = 0; for (let i = 2; i < __ARGS__.below; ++i) {" \
              " let d = 2; while (d * d <= i && i % d) ++d;" \
              " if (d * d > i) ++n; } n", "{\"below\":" 100 + i % 900 "}")
    else if (i % 6 == 1)
      snippet("ok", "__ARGS__.xs.slice().sort((x, y) => x - y)",
              "{\"xs\":[" i * 7919 % 1009 "," i * 31 % 997 "," i "]}")
    else if (i % 6 == 2)
      snippet("ok", "__ARGS__.text.split(\\\" \\\").map((w) =>" \
              " w[0].toUpperCase() + w.slice(1)).join(\\\" \\\")",
              "{\"text\":\"order " i " is on its way\"}")
    else if (i % 6 == 3)
      snippet("ok", "({order: __ARGS__.order, total:" \
              " __ARGS__.prices.reduce((x, y) => x + y, 0)})",
              "{\"order\":" i ",\"prices\":[" i % 50 ",9.5," i % 7 "]}")
    else if (i % 6 == 4)
      snippet("ok", "Promise.resolve(__ARGS__.n).then((n) => n * n)",
              "{\"n\":" i "}")
    else
      snippet("ok", "console.log(\\\"reading\\\", __ARGS__.code);" \
              " /(\\\\d+)-(\\\\d+)/.exec(__ARGS__.code).slice(1).map(Number)",
              "{\"code\":\"" i "-" i * 3 "\"}")
  }
  for (reason in ended)
    print reason, ended[reason] | ("sort >" counts)
}'
