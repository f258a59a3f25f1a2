WITH bought AS (SELECT DISTINCT person, year(epoch_ms(ts)) * 12 + month(epoch_ms(ts)) AS month
                FROM event WHERE name = 5 AND ts < :now),
     first AS (SELECT person, min(month) AS month FROM bought GROUP BY person)
SELECT first.month AS cohort, bought.month - first.month AS later, count(*) AS people
FROM bought JOIN first ON first.person = bought.person
GROUP BY 1, 2
