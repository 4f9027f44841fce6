-- Written by `make docs` from langsmith_core/streams/registry.py; do not edit.
{{ config(enabled=var('langsmith_using_prompt_commit', true)) }}

{{ langsmith.langsmith_staged('prompt_commit') }}
