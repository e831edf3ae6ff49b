story Who comes by a friend starts with more trust than who comes by an advertisement
why   relationship.md 3: initial trust
2026-01-01 identified ada origin=friend_referral
2026-01-01 identified bob origin=advertisement
2026-01-01 visit cleo
2026-01-01 referral_accepted dora by=ada
2026-01-02 identified dora origin=advertisement   # the first telling stands
at 2026-01-02
ada trust = 0.750
bob trust = 0.450
cleo trust = 0.500
dora trust = 0.750
