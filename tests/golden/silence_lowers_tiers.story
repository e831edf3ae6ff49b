story A habit that stops is left behind on the day it has faded, without any event
why   relationship.md 5: falls by silence are worked out, nobody polls
brand order 50.00 gap 30
every 20 days 4 times from 2026-01-05 order_line ada product=tea order=a* amount=50.00
at 2026-03-06
ada tier weak
at 2027-12-31
ada tier none
ada posting 2026-02-14 micro -> weak by evidence
ada posting 2026-11-17 weak -> micro by silence
ada posting 2027-10-21 micro -> none by silence
ada postings 4
