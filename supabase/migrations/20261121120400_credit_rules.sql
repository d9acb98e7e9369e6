-- Credits per tonne or kWh: changed by an administrator of the registry, and applied to a batch when its credits are calculated.

create function public.change_credit_rule(p_standard text, p_plastic_per_unit numeric, p_carbon_per_unit numeric) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  plastic numeric := private.as_credits(p_plastic_per_unit, 0);
  carbon numeric := private.as_credits(p_carbon_per_unit, 0);
  rule public.credit_rules;
begin
  perform private.require_registry_administration('credit_rule.change');
  update public.credit_rules r set plastic_per_unit = plastic, carbon_per_unit = carbon
  where r.standard = p_standard
  returning * into rule;
  if rule.standard is null then
    raise exception using errcode = 'PT400', message = 'There is no such standard.', detail = 'invalid_request',
      hint = 'Send one of the six standards.';
  end if;
  return jsonb_build_object(
    'standard', rule.standard, 'plastic_per_unit', rule.plastic_per_unit::text, 'carbon_per_unit', rule.carbon_per_unit::text,
    'updated_at', rule.updated_at, 'version', rule.version
  );
end
$$;
comment on function public.change_credit_rule(text, numeric, numeric) is
  'Changes how many credits a tonne or kWh gives under a standard. Batches keep their figures until they are calculated again.';

create or replace function public.calculate_batch_credits(batch_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
begin
  if auth.uid() is not null and not exists (
    select 1 from public.users u
    where u.id = auth.uid() and u.active and u.approval_status = 'approved' and (
      (u.role = 'admin' and (private.bound_body() is null or private.in_own_register($1, private.bound_body())))
      or exists (
        select 1 from public.batches b
        where b.id = $1 and b.user_id = u.id and b.status in ('pending', 'changes_requested')
      )
    )
  ) then
    raise exception using
      errcode = 'PT403',
      message = 'Only its recycler, while it may be changed, or an administrator calculates the credits of a batch.',
      detail = 'not_allowed',
      hint = 'Ask an administrator.';
  end if;
  perform private.lock_batches(array[$1]);
  if auth.uid() is not null and exists (
    select 1 from public.batches b
    join public.credit_rules r on r.standard = b.standard
    where b.id = $1 and b.status in ('verified', 'retired') and (
      b.calculated_plastic_credits <> private.half_even(b.tons_or_kwh * r.plastic_per_unit)
      or b.calculated_carbon_credits <> private.half_even(b.tons_or_kwh * r.carbon_per_unit)
    )
  ) then
    perform private.contradict('settled',
      'The credits of a verified batch stay as its certificate has them.', 'A new rule counts for batches that are not verified yet.');
  end if;
  update public.batches b
  set calculated_plastic_credits = private.half_even(b.tons_or_kwh * r.plastic_per_unit),
      calculated_carbon_credits = private.half_even(b.tons_or_kwh * r.carbon_per_unit)
  from public.credit_rules r
  where b.id = $1 and r.standard = b.standard;
end
$$;
comment on function public.calculate_batch_credits(uuid) is
  'Sets the credits of a batch by the rule of its standard, a half to the even hundredth. What a certificate is bound to stays, and nothing falls under what is sold.';

revoke all on function public.change_credit_rule(text, numeric, numeric) from public, anon, authenticated;
grant execute on function public.change_credit_rule(text, numeric, numeric) to authenticated, service_role;
