SELECT o.person
FROM (SELECT person FROM event
      WHERE name = 5 AND ts >= :now - 365 * :day AND ts < :now
      GROUP BY person HAVING sum(revenue) >= 200000000) o
JOIN person p ON p.person = o.person AND p.country = 'DE'
WHERE NOT EXISTS (SELECT 1 FROM event e
                  WHERE e.name = 3 AND e.person = o.person
                    AND e.ts >= :now - 30 * :day AND e.ts < :now)
