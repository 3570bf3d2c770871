const MINIMUM = [20, 19];

/**
 * @param {string} version as in process.versions.node
 * @returns {string | null} what to tell the user, with the exact lines to run; null when the version will do
 */
export function nodeVersionProblem(version) {
  const [major, minor] = version.split(".").map(Number);
  if (major > MINIMUM[0] || (major === MINIMUM[0] && minor >= MINIMUM[1])) return null;
  return [
    `✗ Indium needs Node ${MINIMUM.join(".")} or newer; this is Node ${version}.`,
    "  Debian 12 and Ubuntu 24.04 ship an older one. Any of these gives a newer one:",
    "    sudo npm install -g n && sudo n 22 && hash -r     # with the npm you have",
    "    nvm install 22                                    # with nvm",
    "  Debian 13:  sudo apt-get install nodejs npm",
    "  Then run npm start again.",
  ].join("\n");
}
