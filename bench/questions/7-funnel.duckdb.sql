SELECT DISTINCT c.person
FROM (SELECT person, ts FROM event WHERE name = 2 AND ts < :now) c
ASOF JOIN (SELECT person, ts FROM event WHERE name = 1 AND ts < :now) v
  ON v.person = c.person AND v.ts < c.ts
ASOF JOIN (SELECT person, ts FROM event WHERE name = 5 AND ts < :now) o
  ON o.person = c.person AND o.ts > c.ts
WHERE c.ts - v.ts < 7 * :day AND o.ts - c.ts < 7 * :day
