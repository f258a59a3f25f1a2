SELECT c.person
FROM (SELECT person, max(ts) AS ts FROM event
      WHERE name = 2 AND ts >= :now - 1 * :day AND ts < :now GROUP BY person) c
WHERE NOT EXISTS (SELECT 1 FROM event o
                  WHERE o.name = 5 AND o.person = c.person AND o.ts > c.ts
                    AND o.ts >= :now - 1 * :day AND o.ts < :now)
