story Where reach can be seen, a tie without a direct way to reach them is not weak yet
why   relationship.md 5: weak asks for a direct way to reach them
brand order 50.00 gap 30
every 20 days 4 times from 2026-01-05 order_line ada product=tea order=a* amount=50.00
every 20 days 4 times from 2026-01-05 order_line bob product=tea order=b* amount=50.00 reachable
at 2026-03-06
ada tier micro
ada lacks reachable
bob tier weak
2026-03-10 unsubscribed bob
at 2026-03-10
bob tier micro
bob posting 2026-03-10 weak -> micro by evidence
