story Three repeats of one product make a weak tie; many different ones do not
why   relationship.md 5: weak asks for one product on at least three occasions
brand order 50.00 gap 30
every 20 days 3 times from 2026-01-05 order_line ada product=tea order=a* amount=50.00
every 20 days 3 times from 2026-01-05 order_line bob product=thing* order=b* amount=50.00
2026-01-05 order_line cleo product=tea order=c1 amount=50.00
2026-01-05 order_line cleo product=tea order=c2 amount=50.00   # the same day twice is one occasion
2026-01-25 order_line cleo product=tea order=c3 amount=50.00
at 2026-02-14
ada tier weak
ada posting 2026-02-14 micro -> weak by evidence
ada repeat_occasions = 3
bob tier micro
bob repeat_occasions = 1
bob lacks repeat_occasions
cleo tier micro
cleo repeat_occasions = 2
ada sums exact
