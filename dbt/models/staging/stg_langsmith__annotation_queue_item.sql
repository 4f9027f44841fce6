-- Written by `make docs` from langsmith_core/streams/registry.py; do not edit.
{{ config(enabled=var('langsmith_using_annotation_queue_item', true)) }}

{{ langsmith.langsmith_staged('annotation_queue_item') }}
