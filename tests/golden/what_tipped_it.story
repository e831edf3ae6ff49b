story A habit taken up again: what tips it is what was missing, not what had been there for long
why   relationship.md 5: each change is a posting with the evidence that tipped it
brand order 50.00 gap 30
every 20 days 4 times from 2026-01-05 order_line ada product=tea order=a* amount=50.00
2027-03-01 order_line ada product=tea order=b1 amount=50.00
at 2027-03-02
ada tier weak
ada posting 2027-03-01 micro -> weak by evidence
ada tipped 2027-03-01 index
ada tipped 2026-02-14 repeat_occasions
