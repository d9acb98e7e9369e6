import { z } from 'zod'
import type { Caller } from '../caller.ts'
import { readToken, signToken } from '../token.ts'
import { getObject, sendObject } from './download.ts'
import { readBody } from './manage.ts'
import type { ObjectPath, StorageContext } from './storage-context.ts'
import { StorageError } from './storage-error.ts'
import { rehearseUpload, upload } from './upload.ts'

/** Seconds that a signed upload URL is good for, as on Supabase. */
const UPLOAD_SECONDS = 7200

const SignRequest = z.object({ expiresIn: z.int().min(1) })
const SignManyRequest = SignRequest.extend({ paths: z.array(z.string()).max(1000) })

const pathText = (target: ObjectPath): string => `${target.bucket}/${target.name}`

const seconds = (): number => Math.floor(Date.now() / 1000)

const sign = (context: StorageContext, claims: Record<string, unknown>, expiresIn: number): string =>
  signToken({ ...claims, iat: seconds(), exp: seconds() + expiresIn }, context.secrets.jwtSecret)

const urlForDownload = (context: StorageContext, target: ObjectPath, expiresIn: number): string =>
  `/object/sign/${pathText(target)}?token=${sign(context, { url: pathText(target), for: 'download' }, expiresIn)}`

/** Makes a URL that anybody may read one object with until it expires. */
export const signDownload = async (
  context: StorageContext,
  request: Request,
  target: ObjectPath,
  caller: Caller,
): Promise<Response> => {
  const { expiresIn } = await readBody(request, SignRequest)
  await getObject(context, target, caller, 'object.sign')
  return Response.json({ signedURL: urlForDownload(context, target, expiresIn) })
}

/** Makes such URLs for many objects; one that the caller may not see gets an error in its place. */
export const signDownloads = async (
  context: StorageContext,
  request: Request,
  bucket: string,
  caller: Caller,
): Promise<Response> => {
  const { expiresIn, paths } = await readBody(request, SignManyRequest)
  const answers: { path: string; signedURL: string | null; error: string | null }[] = []
  for (const name of paths) {
    try {
      await getObject(context, { bucket, name }, caller, 'object.sign_many')
      answers.push({ path: name, signedURL: urlForDownload(context, { bucket, name }, expiresIn), error: null })
    } catch (error) {
      if (!(error instanceof StorageError) || error.code !== 'NoSuchKey') throw error
      answers.push({
        path: name,
        signedURL: null,
        error: 'Either the object does not exist or you do not have access to it',
      })
    }
  }
  return Response.json(answers)
}

/** Makes a URL that anybody may store one object with, for two hours. */
export const signUpload = async (
  context: StorageContext,
  request: Request,
  target: ObjectPath,
  caller: Caller,
): Promise<Response> => {
  const upsert = request.headers.get('x-upsert') === 'true'
  await rehearseUpload(context, target, caller, upsert)
  const claims = { url: pathText(target), for: 'upload', owner: caller.userId, upsert }
  const token = sign(context, claims, UPLOAD_SECONDS)
  return Response.json({ url: `/object/upload/sign/${pathText(target)}?token=${token}`, token })
}

const readSignature = (
  context: StorageContext,
  request: Request,
  target: ObjectPath,
  purpose: 'download' | 'upload',
): Readonly<Record<string, unknown>> => {
  const token = new URL(request.url).searchParams.get('token') ?? ''
  const claims = readToken(token, context.secrets.jwtSecret, Date.now())
  if (claims === 'expired') throw new StorageError('InvalidJWT', '"exp" claim timestamp check failed')
  if (typeof claims === 'string') throw new StorageError('InvalidJWT')
  if (claims.url !== pathText(target) || claims.for !== purpose) throw new StorageError('InvalidSignature')
  return claims
}

/** Answers a signed download URL. */
export const downloadSigned = async (
  context: StorageContext,
  request: Request,
  target: ObjectPath,
): Promise<Response> => {
  readSignature(context, request, target, 'download')
  return sendObject(context, request, await getObject(context, target, 'storage', 'object.get_signed'))
}

/** Answers a signed upload URL. */
export const uploadSigned = async (
  context: StorageContext,
  request: Request,
  target: ObjectPath,
): Promise<Response> => {
  const claims = readSignature(context, request, target, 'upload')
  const owner = typeof claims.owner === 'string' ? claims.owner : null
  return upload(context, request, target, { kind: 'signed', owner }, claims.upsert === true)
}
