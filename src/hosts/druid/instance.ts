/** What an instance knows of itself, from EC2's metadata service, version 2. */

/** The address that AWS' own tools use, which they let this variable change. */
const ENDPOINT = process.env.AWS_EC2_METADATA_SERVICE_ENDPOINT ?? 'http://169.254.169.254';

const TIMEOUT_MS = 5_000;

/** @throws Error when this is no EC2 instance. */
export async function instanceId(endpoint = ENDPOINT): Promise<string> {
  const token = await ask(`${endpoint}/latest/api/token`, {
    method: 'PUT',
    headers: { 'X-aws-ec2-metadata-token-ttl-seconds': '60' },
  });
  return ask(`${endpoint}/latest/meta-data/instance-id`, { headers: { 'X-aws-ec2-metadata-token': token } });
}

async function ask(url: string, init: RequestInit): Promise<string> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!response.ok) {
    throw new Error(`the instance's metadata service answers ${url} with ${response.status}`);
  }
  return response.text();
}
