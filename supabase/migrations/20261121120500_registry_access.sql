-- Who reads what is for sale, bought and retired.

-- A function, since the policies of batches ask those of projects.
create function private.has_credits(p_project uuid) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return private.person_role() = 'buyer' and exists (
    select 1 from public.batches b where b.project_id = p_project and b.status in ('verified', 'retired')
  );
end
$$;
comment on function private.has_credits(uuid) is 'True for buyers, of a project with batches that are verified or retired.';
revoke all on function private.has_credits(uuid) from public, anon, authenticated;
grant execute on function private.has_credits(uuid) to authenticated, service_role;

create policy "Buyers read what is or was for sale" on public.batches for select to authenticated
  using (status in ('verified', 'retired') and (select private.person_role()) = 'buyer');
create policy "Buyers read projects with credits" on public.projects for select to authenticated
  using ((select private.person_role()) = 'buyer' and private.has_credits(id));

do $$
declare
  t text;
begin
  foreach t in array array['credit_purchases', 'credit_retirements'] loop
    execute format(
      'create policy "Their buyer, the recycler of the batch, register" on public.%I for select to authenticated
         using (
           (select private.sees_register())
           or (buyer_id = (select auth.uid()) and (select private.is_active_person()))
           or ((select private.register_body()) is not null and private.in_own_register(batch_id, (select private.register_body())))
           or private.owns_batch(batch_id)
         )',
      t
    );
  end loop;
end
$$;

-- A verification's certificate opens its file to whoever reads the batch, so it must not name a buyer's.
alter table public.certificates
  add constraint certificates_not_of_a_retirement check (object_path not like 'retirements/%');

create policy "Buyers read the certificates of their retirements" on storage.objects for select to authenticated
  using (
    bucket_id = 'certificates'
    and (storage.foldername(name))[1] = 'retirements' and (storage.foldername(name))[2] = (select auth.uid())::text
    and (select private.is_active_person())
  );

-- Names come from the directory, since nobody but administrators reads other people's accounts. total_purchased sums every purchase,
-- as the registry defines it; total_completed counts what is paid for and not refunded.
create or replace view public.batch_summary_view with (security_invoker = true) as
  select
    b.id,
    b.batch_hash,
    b.standard,
    b.status,
    b.tons_or_kwh,
    b.calculated_plastic_credits,
    b.calculated_carbon_credits,
    b.date_submitted,
    u.name as recycler_name,
    u.organization_name as recycler_organization,
    p.name as project_name,
    p.location as project_location,
    coalesce(cp.total_purchased, 0) as total_purchased,
    coalesce(cr.total_retired, 0) as total_retired,
    coalesce(cp.total_completed, 0) as total_completed
  from public.batches b
  join public.people u on b.user_id = u.id
  join public.projects p on b.project_id = p.id
  left join (
    select batch_id, sum(amount) as total_purchased, sum(amount) filter (where payment_status = 'completed') as total_completed
    from public.credit_purchases group by batch_id
  ) cp on b.id = cp.batch_id
  left join (
    select batch_id, sum(plastic_credits_retired + carbon_credits_retired) as total_retired
    from public.credit_retirements group by batch_id
  ) cr on b.id = cr.batch_id;
comment on view public.batch_summary_view is
  'Batches with their recycler, project, and what of them was bought, paid for and retired, as far as the reader may see it.';

grant select on public.credit_purchases, public.credit_retirements, public.batch_summary_view to authenticated;
