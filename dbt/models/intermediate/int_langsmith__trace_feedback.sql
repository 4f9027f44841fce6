-- Feedback by trace and key, on whatever run of the trace it was given.
select
    feedback.source_relation,
    run.trace_id,
    feedback.key,
    count(*) as feedback_count,
    count(feedback.score) as score_count,
    avg(feedback.score) as score_avg
from {{ langsmith_stg('feedback') }} as feedback
inner join {{ langsmith_stg('run') }} as run
    on feedback.source_relation = run.source_relation
    and feedback.run_id = run.run_id
group by feedback.source_relation, run.trace_id, feedback.key
