/** Which quota an on-demand instance counts against. */

export interface VcpuQuota {
  readonly service: 'ec2';
  readonly code: string;
  /** In the words of Service Quotas. */
  readonly name: string;
}

const quota = (code: string, families: string): VcpuQuota => ({
  ...{ service: 'ec2', code },
  name: `Running On-Demand ${families} instances`,
});

const STANDARD = quota('L-1216C47A', 'Standard (A, C, D, H, I, M, R, T, Z)');

/**
 * By the letters that a type's name begins with, where these are not a standard family's. Codes: "Amazon EC2 On-Demand
 * instance quotas" of the EC2 User Guide.
 */
const OTHERS: Readonly<Record<string, VcpuQuota>> = {
  dl: quota('L-6E869C2A', 'DL'),
  f: quota('L-74FC7D96', 'F'),
  g: quota('L-DB2E81BA', 'G and VT'),
  gr: quota('L-DB2E81BA', 'G and VT'),
  vt: quota('L-DB2E81BA', 'G and VT'),
  hpc: quota('L-F7808C92', 'HPC'),
  inf: quota('L-1945791B', 'Inf'),
  p: quota('L-417A185B', 'P'),
  trn: quota('L-2C3B7624', 'Trn'),
  u: quota('L-43DA4232', 'High Memory'),
  x: quota('L-7295265B', 'X'),
};

/** @param type such as `i3.2xlarge`. */
export function quotaOfType(type: string): VcpuQuota {
  const letters = /^[a-z]+/.exec(type)?.[0] ?? '';
  return OTHERS[letters] ?? STANDARD;
}
