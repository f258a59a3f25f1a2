SELECT DISTINCT person
FROM (SELECT person, name, ts,
             max(CASE WHEN name = 1 THEN ts END) OVER (PARTITION BY person ORDER BY ts) AS viewed,
             min(CASE WHEN name = 5 THEN ts END)
                 OVER (PARTITION BY person ORDER BY ts DESC) AS ordered
      FROM event WHERE name IN (1, 2, 5) AND ts < :now) e
WHERE name = 2 AND ts - viewed < 7 * :day AND ordered - ts < 7 * :day
