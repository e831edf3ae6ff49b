story A values conflict costs more trust in a day than two broken promises
why   relationship.md 2: values conflict is the fastest fall of all
brand order 50.00 gap 30
observe values_conflict promise_broken
every 14 days 8 times from 2026-01-05 order_line ada product=tea order=a* amount=60.00
every 14 days 8 times from 2026-01-05 order_line bob product=tea order=b* amount=60.00
2026-04-20 values_conflict ada
2026-04-20 promise_broken bob
2026-04-20 promise_broken bob
at 2026-04-20
ada trust < bob
ada trust < 0.4
bob trust > 0.5
bob tier weak
