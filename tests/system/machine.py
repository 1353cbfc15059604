"""A real systemd, booted in about a second: systemd-nspawn on a copy-on-write overlay of this machine's own root.

Machine owns the overlay, the container and its control group, and removes all three. The host's files are only read.
The caller must be root and in a mount namespace of its own; boot_test.py sees to both.
"""
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import threading
import time

BOOT_SECONDS = 60
PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'


def cgroup2_mount():
    """Where the unified control group hierarchy is mounted, or None."""
    with open('/proc/self/mountinfo', encoding='utf-8') as mounts:
        return next((line.split()[4] for line in mounts if ' - cgroup2 ' in line), None)


class Machine:
    """Mounted by the constructor, so that files can be put below `root` first; started by boot()."""

    def __init__(self):
        self._work = pathlib.Path(f'{tempfile.gettempdir()}/uds-boot-{os.getpid()}')
        self._work.mkdir(mode=0o700)
        self._process = None
        self._leader = None
        # A group of its own: two machines must not share one, and nothing may stay in the host's.
        self._cgroup = pathlib.Path(cgroup2_mount()) / self._work.name
        self._cgroup.mkdir()
        self.root = self._work / 'root'
        try:
            _run('mount', '-t', 'tmpfs', '-o', 'mode=755,size=50%', 'uds-boot', self._work)
            for name in ('upper', 'scratch', 'root', 'run'):
                (self._work / name).mkdir(mode=0o755)
            layers = f'lowerdir=/,upperdir={self._work}/upper,workdir={self._work}/scratch'
            _run('mount', '-t', 'overlay', '-o', layers, 'overlay', self.root)
            (self.root / 'etc/machine-id').write_text('', encoding='utf-8')
            # Where containers are built it forbids packages to start services; here they are to.
            (self.root / 'usr/sbin/policy-rc.d').unlink(missing_ok=True)
        except BaseException:
            self.close()
            raise

    def boot(self):
        notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        notify.bind(f'{self._work}/run/notify')
        with open(self._work / 'run/console', 'wb') as console:
            self._process = subprocess.Popen(
                ['systemd-nspawn', '--quiet', '--boot', f'--directory={self.root}', f'--machine={self._work.name}',
                 '--register=no', '--keep-unit', '--link-journal=no', '--notify-ready=yes', '--console=read-only',
                 '--private-network', '--resolv-conf=off', '--timezone=off',
                 'systemd.unit=basic.target', 'systemd.firstboot=off'],
                stdin=subprocess.DEVNULL, stdout=console, stderr=console,
                env={**os.environ, 'NOTIFY_SOCKET': f'{self._work}/run/notify',
                     'SYSTEMD_NSPAWN_UNIFIED_HIERARCHY': '1'},
                preexec_fn=lambda: (self._cgroup / 'cgroup.procs').write_text('0', encoding='ascii'))
        self._await_ready(notify)
        # Later reports must be taken too: a full queue would block the PID 1 inside.
        threading.Thread(target=_drain, args=(notify,), daemon=True).start()

    def run(self, *command, user=None, timeout=60):
        """Runs `command` inside to its end, as root or as `user` with all groups of that user."""
        return subprocess.run(self._inside(command, user), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=timeout, check=False)

    def start(self, *command, user=None):
        """Starts `command` inside, with a pipe at each of its standard descriptors."""
        return subprocess.Popen(self._inside(command, user), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True)

    def inside(self, path):
        """Where a file of the running machine is for this process."""
        return pathlib.Path(f'/proc/{self._leader}/root{path}')

    def _inside(self, command, user):
        if user is not None:
            command = ('setpriv', f'--reuid={user}', f'--regid={user}', '--init-groups', '--', *command)
        return ['nsenter', f'--target={self._leader}', '--mount', '--uts', '--ipc', '--net', '--pid', '--cgroup',
                '--root', '--wd', '--', '/usr/bin/env', '-i', f'PATH={PATH}', 'TERM=dumb', *map(str, command)]

    def close(self):
        if self._process is not None:
            if self._leader and self._process.poll() is None:
                os.kill(self._leader, signal.SIGRTMIN + 4)  # systemd(1): power off
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        for mount in (self.root, self._work):
            subprocess.run(['umount', '--lazy', mount], stderr=subprocess.DEVNULL, check=False)
        self._work.rmdir()
        for folder, _, _ in sorted(os.walk(self._cgroup), reverse=True):
            os.rmdir(folder)

    def _await_ready(self, notify):
        deadline = time.monotonic() + BOOT_SECONDS
        notify.settimeout(1)
        ready = False
        while not (ready and self._leader):
            if self._process.poll() is not None or time.monotonic() > deadline:
                console = (self._work / 'run/console').read_text(encoding='utf-8', errors='replace')
                raise RuntimeError(f'systemd did not boot; the console said:\n{console[-3000:]}')
            try:
                lines = notify.recv(8192).decode().splitlines()
            except TimeoutError:
                continue
            fields = dict(line.split('=', 1) for line in lines if '=' in line)
            self._leader = int(fields.get('X_NSPAWN_LEADER_PID', 0)) or self._leader
            ready = ready or fields.get('READY') == '1'


def _run(*command):
    subprocess.run([str(word) for word in command], check=True)


def _drain(notify):
    while True:
        try:
            notify.recv(8192)
        except TimeoutError:
            continue
        except OSError:
            return
