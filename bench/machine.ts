// What the bench measures on the machine: CPU time and memory of process trees, from /proc.
import { readFileSync, readdirSync } from "node:fs";

const ticksPerSecond = 100; // USER_HZ on every Linux this runs on

interface Process {
  pid: number;
  parent: number;
  own: number;
  reaped: number;
}

function readProcess(pid: number, thread = ""): Process | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}${thread}/stat`, "utf8");
    const fields = stat
      .slice(stat.lastIndexOf(")") + 2)
      .split(" ")
      .map(Number);
    // After the name come field 3 and on: 4 ppid, 14 utime, 15 stime, 16 cutime, 17 cstime.
    const field = (number: number) => fields[number - 3] ?? 0;
    return { pid, parent: field(4), own: field(14) + field(15), reaped: field(16) + field(17) };
  } catch {
    return undefined; // it ended meanwhile
  }
}

/** CPU seconds that a process, its children and its reaped children have used. */
export function cpuSeconds(root: number): number {
  const all = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readProcess(Number(name)));
  let ticks = 0;
  for (const each of all) {
    if (each?.pid === root) ticks += each.own + each.reaped;
    else if (each?.parent === root) ticks += each.own;
  }
  return ticks / ticksPerSecond;
}

/** CPU seconds of a process's first thread alone: of the server, what it does in the background. */
export function firstThreadSeconds(pid: number): number {
  return (readProcess(pid, `/task/${pid}`)?.own ?? 0) / ticksPerSecond;
}

/** Resident memory of one process, in MB. */
export function residentMegabytes(pid: number): number {
  const line = readFileSync(`/proc/${pid}/status`, "utf8")
    .split("\n")
    .find((l) => l.startsWith("VmRSS:"));
  return Number(line?.replace(/\D/g, "")) / 1024;
}

export function describeMachine(): string {
  const cpu = readFileSync("/proc/cpuinfo", "utf8");
  const model = /model name\s*:\s*(.*)/.exec(cpu)?.[1] ?? "unknown";
  const cores = cpu.match(/^processor/gm)?.length ?? 0;
  const memory = Number(/MemTotal:\s*(\d+)/.exec(readFileSync("/proc/meminfo", "utf8"))?.[1]) / 1048576;
  const release = readFileSync("/proc/sys/kernel/osrelease", "utf8").trim();
  return `${cores} × ${model}, ${memory.toFixed(0)} GiB, Linux ${release}`;
}

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
