story Disturbing costs: unsubscribing and marking as spam take company and trust away
why   relationship.md 2: companionship, and the brand that dares not to disturb
brand order 50.00 gap 30
every 15 days 3 times from 2026-01-05 order_line ada product=tea order=a* amount=50.00 reachable
every 15 days 3 times from 2026-01-05 order_line bob product=tea order=b* amount=50.00 reachable
every 15 days 3 times from 2026-01-05 order_line cleo product=tea order=c* amount=50.00 reachable
2026-02-10 unsubscribed bob
2026-02-10 marked_as_spam cleo
at 2026-02-10
ada trust > bob
bob trust > cleo
ada companionship_depth > bob
bob companionship_depth > cleo
ada reachable = 1
bob reachable = 0
