-- Do newer versions of a prompt earn better feedback?
-- The mean of two keys by the commit that a trace's prompt was pulled from, in the order in which the commits came into use.
with judged as (
    select
        trace.*,
        case when feedback.key = 'user_score' then feedback.score_avg end as user_score,
        case when feedback.key = 'hallucination' then feedback.score_avg end as hallucination
    from {{ ref('langsmith__trace') }} as trace
    inner join {{ ref('int_langsmith__trace_feedback') }} as feedback
        on trace.source_relation = feedback.source_relation
        and trace.trace_id = feedback.trace_id
    where feedback.key in ('user_score', 'hallucination')
)

select
    project_name,
    substr(prompt_commits, 1, 8) as prompt,
    count(distinct trace_id) as traces,
    round(avg(user_score), 2) as user_score,
    round(avg(hallucination), 2) as hallucination
from judged
group by project_name, prompt_commits
order by project_name, min(start_time)
