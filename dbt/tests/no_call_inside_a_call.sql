-- No model call stands under another one: the upper one's cost holds the lower one's.
select lower_call.source_relation, lower_call.run_id
from {{ ref('int_langsmith__model_call') }} as lower_call
inner join {{ ref('int_langsmith__model_call') }} as upper_call
    on lower_call.source_relation = upper_call.source_relation
    and lower_call.parent_run_id = upper_call.run_id
