// Installs what the lock file names, or says soon that it cannot: a registry that does not answer must not hold up a test.
import { spawnSync } from "node:child_process";

const LIMIT_MS = 180_000;
const options = ["--no-audit", "--no-fund", "--silent", "--fetch-timeout=30000", "--fetch-retries=2", "--fetch-retry-maxtimeout=10000"];
const done = spawnSync("npm", ["ci", ...options], { stdio: "inherit", timeout: LIMIT_MS, killSignal: "SIGKILL" });
if (done.error) console.log(`npm ci: ${done.error.message}`);
process.exit(done.status ?? 1);
