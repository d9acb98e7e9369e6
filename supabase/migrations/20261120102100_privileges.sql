-- Every grant, written down. anon has none. authenticated reads what the policies let through, and writes a few columns;
-- everything else goes through functions. The service role may do everything.

revoke all on all tables in schema public, private from public, anon, authenticated;
revoke all on all sequences in schema public, private from public, anon, authenticated;
revoke all on all functions in schema public, private from public, anon, authenticated;

grant all on all tables in schema public, private to service_role;
grant execute on all functions in schema public, private to service_role;

grant select on
  public.users, public.people, public.organizations, public.user_grants, public.devices, public.trust_anchors,
  public.credit_rules, public.rubrics, public.projects, public.batches, public.assignments, public.evidence_files,
  public.scores, public.findings, public.finding_rounds, public.decisions, public.certificates, public.signatures,
  public.verifications, public.audit_logs, public.sync_feed
to authenticated;

-- Anything that gives power is missing here: role, sub_role, approval, organization and active change by change_person().
grant update (name, organization_name, mobile, kyb_document_urls, license_number, compliance_certifications)
  on public.users to authenticated;
grant insert (id, user_id, name, description, standard, location, coordinates, latitude, longitude, time_zone, credit_price)
  on public.projects to authenticated;
grant update (name, description, location, coordinates, latitude, longitude, time_zone, credit_price)
  on public.projects to authenticated;
grant insert (
  id, user_id, project_id, standard, tons_or_kwh, location, date_submitted, period_start, period_end, description, photos, documents
) on public.batches to authenticated;
grant update (tons_or_kwh, location, date_submitted, period_start, period_end, description, photos, documents)
  on public.batches to authenticated;
grant insert (
  id, batch_id, bucket, object_path, sha256, byte_size, media_type, kind, title, effective_at, uploaded_by
) on public.evidence_files to authenticated;
grant update (deleted_at) on public.evidence_files to authenticated;

-- Views behind the functions that run as their caller.
grant select on
  private.batch_scopes, private.batch_parts, private.reference_rows, private.scope_rows, private.wire_rows
to authenticated;

-- Functions that policies and those views call.
grant execute on function
  private.is_active_person(), private.person_role(), private.person_sub_role(), private.sees_register(), private.may_claim(),
  private.is_assigned(uuid), private.is_claimable(uuid), private.owns_batch(uuid), private.can_read_batch(uuid),
  private.can_read_project(uuid), private.held_scopes(), private.require_access(), private.require_scope(text),
  private.refuse_access(text, text, text), private.page_size(integer), private.parse_snapshot(text),
  private.content_text(public.batches), private.rubric_in_force(text), private.hash_of(text), private.in_bulk()
to authenticated;
grant execute on function
  private.wire(public.organizations), private.wire(public.people), private.wire(public.trust_anchors),
  private.wire(public.rubrics), private.wire(public.projects), private.wire(public.batches),
  private.wire(public.assignments), private.wire(public.evidence_files), private.wire(public.scores),
  private.wire(public.findings), private.wire(public.finding_rounds), private.wire(public.decisions),
  private.wire(public.certificates), private.wire(public.signatures)
to authenticated;
grant execute on function private.rubric_problem(jsonb) to authenticated;

-- What workstations and other clients call.
grant execute on function
  public.workstation_handshake(jsonb), public.sync_bootstrap(text, text, uuid, integer),
  public.sync_pull(text, text, text, jsonb, integer), public.sync_push(jsonb), public.sync_digest(text),
  public.batch_content_hash(uuid), public.calculate_batch_credits(uuid), public.record_user_login(uuid),
  public.change_person(uuid, jsonb), public.publish_rubric(text, text, jsonb),
  public.assign_batches(uuid[], uuid, text, timestamp with time zone), public.end_assignments(uuid[], uuid)
to authenticated;
