story What is given back and bought again on one day was bought on that day
why   a product's occasions are the days on which it was bought and kept
brand order 50.00 gap 30
2026-01-05 order_line ada product=tea order=1 amount=50.00
2026-01-05 line_returned ada product=tea order=1 amount=50.00   # the wrong size
2026-01-05 order_line ada product=tea order=2 amount=50.00
every 20 days 2 times from 2026-01-25 order_line ada product=tea order=a* amount=50.00
2026-01-05 order_line bob product=tea order=b1 amount=50.00
2026-01-05 line_returned bob product=tea order=b1 amount=50.00
every 20 days 2 times from 2026-01-25 order_line bob product=tea order=c* amount=50.00
at 2026-02-20
ada repeat_occasions = 3
ada tier weak
bob repeat_occasions = 2
bob tier micro
ada sums exact
