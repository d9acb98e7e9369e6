-- What has to be done to the audit log every day, for the worker.

create function public.maintain_audit_log() returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  return jsonb_build_object(
    'partitions_made', private.prepare_audit_partitions(),
    'partitions_retired', private.retire_audit_partitions(),
    'anchor', private.anchor_audit_head()
  );
end
$$;
comment on function public.maintain_audit_log() is
  'Makes the months ahead, removes those whose seven years are over behind an anchor, and anchors the newest seal. For the service role, daily.';

revoke all on function public.maintain_audit_log() from public, anon, authenticated;
grant execute on function public.maintain_audit_log() to service_role;
