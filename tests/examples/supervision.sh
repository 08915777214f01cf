#!/bin/sh
# supervision.sh PROGRAM: prints exactly this, twice.
set -u
expected='bank: bank, running
  ledger: ledger, running
  teller: teller, running
an empty account: skipped, nothing is lost
  bank/ledger failed: no account; resume
a sum that cannot be: a fresh ledger, and what comes next is handled by it
  bank/ledger failed: the books are off; restart
  the ledger of books.txt is built again: the books are off
bank: bank, running
  ledger: ledger, running, 1 restart
  teller: teller, running
entries: 1, then 2'
for _ in 1 2; do
    printed=$(timeout 60 "$1" 2>&1) || { echo "exit code $?"; echo "$printed"; exit 1; }
    [ "$printed" = "$expected" ] || { echo "printed something else:"; echo "$printed"; exit 1; }
done
