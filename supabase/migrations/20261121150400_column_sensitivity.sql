-- How sensitive each column is. What leaves the cloud by machine obeys it, and a column that nobody classified does not leave.

create table public.column_sensitivity (
  id uuid primary key default gen_random_uuid(),
  table_name text not null check (table_name <> ''),
  column_name text not null check (column_name <> ''),
  class text not null check (class in ('public', 'internal', 'personal', 'secret')),
  updated_at timestamp with time zone not null default now(),
  version integer not null default 1,
  unique (table_name, column_name)
);
comment on table public.column_sensitivity is
  'public: anybody may know it. internal: those whom the row concerns. personal: says something of a person, or names one. secret: never leaves the cloud.';

-- A table may be classified before it is made. A file that adds a column adds its row here.
insert into public.column_sensitivity (table_name, column_name, class)
select given.table_name, c.column_name, given.class
from (values
  ('access_grants', 'internal', 'id kind valid_from valid_until issued_at revoked_at key_id signature version'),
  ('access_grants', 'personal', 'user_id issued_by revoked_by revocation_reason subject body'),
  ('agent_keys', 'internal', 'id organization_id name prefix scopes rate_per_minute expires_at revoked_at revoke_reason last_used_at created_at version'),
  ('agent_keys', 'personal', 'created_by revoked_by last_used_address'),
  ('agent_keys', 'secret', 'key_hash'),
  ('assignments', 'internal', 'id batch_id role assigned_at due_at ended_at version'),
  ('assignments', 'personal', 'user_id assigned_by'),
  ('audit_anchors', 'public', 'number kind created_at seal_seq seal_hash retired_from retired_until first_seal last_seal last_hash seals entries digest previous_hash hash'),
  ('audit_logs', 'internal', 'id action table_name record_id created_at actor_type severity bundle ordinal entry_hash'),
  ('audit_logs', 'personal', 'user_id old_values new_values ip_address user_agent actor'),
  ('audit_seals', 'internal', 'seq bundle entries entries_at sealed_at xid entries_hash previous_hash hash'),
  ('audit_values', 'internal', 'entry_id entry_created_at'),
  ('audit_values', 'personal', 'person_id old_values new_values'),
  ('audit_values', 'secret', 'salt'),
  ('batches', 'public', 'id project_id batch_hash standard tons_or_kwh location date_submitted status calculated_plastic_credits calculated_carbon_credits verified_at created_at updated_at period_start period_end content_hash version'),
  ('batches', 'internal', 'description verification_score verification_notes photos documents ai_validation_result risk_score risk_reasons verification_body_id'),
  ('batches', 'personal', 'user_id verified_by'),
  ('certificates', 'public', 'id batch_id decision_id certificate_number opinion assurance_level content_hash sha256 byte_range_digest byte_size claimed_at received_at version'),
  ('certificates', 'internal', 'bucket object_path'),
  ('certificates', 'personal', 'issued_by'),
  ('column_sensitivity', 'internal', 'id table_name column_name class updated_at version'),
  ('credit_purchases', 'internal', 'id batch_id amount price_per_credit total_amount payment_status created_at updated_at reserved_until settled_at failure_reason refund_due version'),
  ('credit_purchases', 'personal', 'buyer_id payment_method transaction_id'),
  ('credit_purchases', 'secret', 'idempotency_key'),
  ('credit_retirements', 'public', 'id batch_id certificate_id plastic_credits_retired carbon_credits_retired retirement_date certificate_url created_at version'),
  ('credit_retirements', 'internal', 'retirement_reason'),
  ('credit_retirements', 'personal', 'buyer_id'),
  ('credit_retirements', 'secret', 'idempotency_key'),
  ('credit_rules', 'public', 'id standard plastic_per_unit carbon_per_unit updated_at version'),
  ('decisions', 'public', 'id batch_id action from_status to_status opinion assurance_level content_hash received_at version'),
  ('decisions', 'internal', 'reason_code reason score rubric_id unviewed_evidence_ids decided_at'),
  ('decisions', 'personal', 'actor_id device_id clock_offset_ms'),
  ('device_rules', 'internal', 'id organization_id trust_required updated_at version'),
  ('devices', 'internal', 'program_version revoked_at trusted_at state'),
  ('devices', 'personal', 'id user_id name last_address trusted_by revoked_by revoke_reason first_seen_at last_seen_at'),
  ('erasure_requests', 'internal', 'id requested_at approved_at completed_at withdrawn_at outcome version'),
  ('erasure_requests', 'personal', 'user_id requested_by approved_by reason'),
  ('escalations', 'internal', 'id finding_id batch_id level due_at escalated_at'),
  ('escalations', 'personal', 'recipient_id'),
  ('evidence_checks', 'internal', 'id evidence_file_id verdict found_type found_size found_sha256 checked_at'),
  ('evidence_files', 'internal', 'id batch_id bucket sha256 byte_size media_type kind effective_at uploaded_at deleted_at version'),
  ('evidence_files', 'personal', 'uploaded_by object_path title'),
  ('finding_rounds', 'internal', 'id finding_id batch_id round kind body created_at version'),
  ('finding_rounds', 'personal', 'author_id on_behalf_of'),
  ('findings', 'internal', 'id batch_id kind title description criterion_code evidence_file_id status due_at misstatement raised_at closed_at round version'),
  ('findings', 'personal', 'raised_by closed_by'),
  ('gate_rules', 'public', 'id standard action gate required unconfirmed version'),
  ('grant_keys', 'public', 'id key_id public_key valid_from retired_at version'),
  ('login_attempts', 'internal', 'id outcome'),
  ('login_attempts', 'personal', 'account user_id address attempted_at'),
  ('organizations', 'public', 'id name kind country'),
  ('organizations', 'internal', 'created_at updated_at version'),
  ('people', 'internal', 'organization_id organization_name role sub_role version'),
  ('people', 'personal', 'id name'),
  ('permissions', 'internal', 'permission description registry_wide may_be_held_by'),
  ('projects', 'public', 'id name standard location coordinates status created_at updated_at latitude longitude time_zone verification_required total_credits_generated total_credits_sold version'),
  ('projects', 'internal', 'description credit_price'),
  ('projects', 'personal', 'user_id'),
  ('quotas', 'internal', 'id organization_id storage_bytes daily_key_rows updated_at version'),
  ('rate_limits', 'internal', 'id endpoint subject_kind max_requests window_seconds updated_at version'),
  ('report_runs', 'internal', 'id subscription_id period_start period_end state row_count sha256 byte_size bucket created_at finished_at version'),
  ('report_runs', 'personal', 'user_id object_path'),
  ('report_subscriptions', 'internal', 'id kind schedule filters active next_run_at created_at updated_at version'),
  ('report_subscriptions', 'personal', 'user_id'),
  ('role_permissions', 'internal', 'id role sub_role permission granted_at revoked_at version'),
  ('role_permissions', 'personal', 'granted_by'),
  ('rubrics', 'public', 'id standard revision title body published_at created_at version'),
  ('rubrics', 'personal', 'published_by'),
  ('scores', 'internal', 'id batch_id rubric_id criterion_code points not_applicable_reason note evidence_ids updated_at version'),
  ('scores', 'personal', 'verifier_id'),
  ('security_events', 'internal', 'id severity kind created_at'),
  ('security_events', 'personal', 'user_id device_id address facts'),
  ('server_state', 'internal', 'only_row server_epoch created_at feed_horizon'),
  ('signatures', 'public', 'id certificate_id batch_id kind level signer_fingerprint claimed_at version'),
  ('signatures', 'personal', 'signer_id signer_subject signer_serial'),
  ('sync_feed', 'internal', 'scope tbl row_id op version xid'),
  ('sync_mutations', 'internal', 'mutation_id request_hash kind batch_id row_id status result_version received_at'),
  ('sync_mutations', 'personal', 'user_id device_id occurred_at clock_offset_ms result'),
  ('trust_anchors', 'public', 'id name certificate_pem created_at withdrawn_at version'),
  ('user_grants', 'internal', 'id grant_name granted_at expires_at revoked_at'),
  ('user_grants', 'personal', 'user_id granted_by'),
  ('users', 'internal', 'role created_at updated_at approval_status verification_status assigned_role approved_at sub_role organization_id active version'),
  ('users', 'personal', 'id name email mobile organization_name kyb_document_urls license_number compliance_certifications rejection_reason approved_by last_login'),
  ('verifications', 'public', 'id batch_id status created_at updated_at'),
  ('verifications', 'internal', 'score notes photos documents'),
  ('verifications', 'personal', 'verifier_id'),
  ('webhook_deliveries', 'internal', 'id webhook_id event payload response_status response_body delivery_time_ms success created_at event_id error'),
  ('webhooks', 'internal', 'id name url events is_active created_at updated_at failures disabled_at disabled_reason deleted_at version'),
  ('webhooks', 'personal', 'user_id'),
  ('webhooks', 'secret', 'secret')
) as given (table_name, class, columns)
cross join lateral pg_catalog.regexp_split_to_table(given.columns, ' ') as c (column_name);

create trigger count_column_sensitivity_version before update on public.column_sensitivity
  for each row when (old.* is distinct from new.*) execute function private.count_version();
create trigger update_column_sensitivity_updated_at before update on public.column_sensitivity
  for each row when (old.* is distinct from new.*) execute function public.update_updated_at_column();
create trigger audit_column_sensitivity_trigger after insert or update or delete on public.column_sensitivity
  for each row execute function public.audit_trigger_function();

create function private.unclassified_columns() returns setof text
language sql stable security definer set search_path = '' as $$
  select c.relname || '.' || a.attname
  from pg_catalog.pg_class c
  join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  where c.relnamespace = 'public'::pg_catalog.regnamespace and c.relkind in ('r', 'p') and not c.relispartition
    and not exists (
      select 1 from public.column_sensitivity s where s.table_name = c.relname and s.column_name = a.attname
    )
  order by 1
$$;
comment on function private.unclassified_columns() is 'Columns of public tables without a class; there should be none.';

create function private.pseudonym(p_salt uuid, p_value text) returns uuid
language sql immutable set search_path = '' as $$
  select encode(substring(sha256(convert_to(p_salt::text || '/' || p_value, 'UTF8')) for 16), 'hex')::uuid
$$;
comment on function private.pseudonym(uuid, text) is
  'Another id in place of a person''s: the same within one salt, so that rows of one person can be counted, and another in each.';

create function private.mask_row(p_table text, p_row jsonb, p_personal boolean, p_salt uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_object_agg(
    f.key,
    case
      when s.class <> 'personal' or p_personal then f.value
      when jsonb_typeof(f.value) = 'string' and private.uuid_or_null(f.value #>> '{}') is not null
        then to_jsonb(private.pseudonym(p_salt, f.value #>> '{}'))
      else 'null'
    end
    order by f.key
  ), '{}')
  from jsonb_each(p_row) f
  join public.column_sensitivity s on s.table_name = p_table and s.column_name = f.key and s.class <> 'secret'
$$;
comment on function private.mask_row(text, jsonb, boolean, uuid) is
  'A row as it may leave the cloud: without secrets and without what has no class; what is personal as null or under another id, unless it may be told.';

alter table public.column_sensitivity enable row level security;
create policy "Everyone who is let in reads the classes" on public.column_sensitivity for select to authenticated
  using ((select private.is_active_person()));

revoke all on public.column_sensitivity from public, anon, authenticated;
grant select on public.column_sensitivity to authenticated;
grant all on public.column_sensitivity to service_role;
revoke all on function private.unclassified_columns(), private.pseudonym(uuid, text), private.mask_row(text, jsonb, boolean, uuid)
  from public, anon, authenticated;
grant execute on function private.unclassified_columns(), private.pseudonym(uuid, text), private.mask_row(text, jsonb, boolean, uuid)
  to service_role;
