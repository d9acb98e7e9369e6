-- Private buckets and who may put and get what. Files are content-addressed and never replaced: there is no policy for UPDATE or
-- DELETE, so an upload over an existing name fails.

insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types) values
  ('batch-photos', 'batch-photos', false, 31457280, array['image/jpeg', 'image/png', 'image/webp', 'image/heic', 'image/heif', 'image/tiff']),
  ('user-documents', 'user-documents', false, 20971520, array['application/pdf', 'image/jpeg', 'image/png']),
  ('certificates', 'certificates', false, 20971520, array['application/pdf']),
  ('verification-docs', 'verification-docs', false, 62914560, array[
    'application/pdf', 'image/jpeg', 'image/png', 'image/webp', 'image/tiff', 'text/csv', 'text/plain', 'application/json',
    'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    'application/vnd.openxmlformats-officedocument.wordprocessingml.document'
  ])
on conflict (id) do update
set public = excluded.public, file_size_limit = excluded.file_size_limit, allowed_mime_types = excluded.allowed_mime_types;

create policy "People upload into their own folder" on storage.objects for insert to authenticated
  with check (
    bucket_id in ('batch-photos', 'user-documents', 'verification-docs')
    and (storage.foldername(name))[1] = (select auth.uid())::text
    and (
      (select private.is_active_person())
      -- Whoever waits for approval hands in the documents that approval needs.
      or (bucket_id = 'user-documents' and exists (
        select 1 from public.users u where u.id = (select auth.uid()) and u.active and u.approval_status = 'pending'
      ))
    )
  );

create policy "People read their own folder" on storage.objects for select to authenticated
  using (
    bucket_id in ('batch-photos', 'user-documents', 'verification-docs')
    and (storage.foldername(name))[1] = (select auth.uid())::text
    and exists (select 1 from public.users u where u.id = (select auth.uid()) and u.active)
  );

create policy "Evidence is read by whoever reads its batch" on storage.objects for select to authenticated
  using (
    bucket_id in ('batch-photos', 'verification-docs')
    and exists (
      select 1 from public.evidence_files e where e.bucket = objects.bucket_id and e.object_path = objects.name
    )
  );

create policy "Administrators read the documents of applicants" on storage.objects for select to authenticated
  using (bucket_id = 'user-documents' and (select private.person_role()) = 'admin');

create policy "Issuers upload the certificate that the register names" on storage.objects for insert to authenticated
  with check (
    bucket_id = 'certificates'
    and exists (
      select 1 from public.certificates c
      where c.bucket = objects.bucket_id and c.object_path = objects.name and c.issued_by = (select auth.uid())
    )
  );

create policy "Certificates are read by whoever reads their batch" on storage.objects for select to authenticated
  using (
    bucket_id = 'certificates'
    and exists (
      select 1 from public.certificates c where c.bucket = objects.bucket_id and c.object_path = objects.name
    )
  );
