story A complaint that is answered well leaves more trust than one that is not
brand order 50.00 gap 30
every 15 days 3 times from 2026-01-05 order_line ada product=tea order=a* amount=50.00
every 15 days 3 times from 2026-01-05 order_line bob product=tea order=b* amount=50.00
2026-02-10 complaint_raised ada
2026-02-10 complaint_raised bob
2026-02-11 ticket_solved ada
at 2026-02-11
ada trust > bob
ada service_depth > bob
ada sums exact
bob sums exact
