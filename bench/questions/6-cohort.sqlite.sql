WITH bought AS (SELECT DISTINCT person,
                    CAST(strftime('%Y', ts / 1000, 'unixepoch') AS INTEGER) * 12
                    + CAST(strftime('%m', ts / 1000, 'unixepoch') AS INTEGER) AS month
                FROM event WHERE name = 5 AND ts < :now),
     first AS (SELECT person, min(month) AS month FROM bought GROUP BY person)
SELECT first.month AS cohort, bought.month - first.month AS later, count(*) AS people
FROM bought JOIN first ON first.person = bought.person
GROUP BY 1, 2
