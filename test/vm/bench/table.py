#!/usr/bin/env python3
"""table.py LOGS DOCUMENT - the figures in LOGS/*/PROGRAM-ROUND.log ("@ KEY VALUE") as Markdown tables, printed
and written between the marks in DOCUMENT. Shows the median of each; ">N" was given up after N."""
import collections
import pathlib
import re
import statistics
import sys
import time

BEGIN, END = '<!-- bench:begin -->', '<!-- bench:end -->'
PROGRAMS = ('python', 'ours', 'floor')
OUTAGES = (('power', 'power of 16 portals back to all live'), ('flap', 'link up to all live, the kernel reconnects'),
           ('flap_lost', 'link up to all live, the kernel has given up'))


class Figure(collections.namedtuple('Figure', 'value beyond')):
    """A median in the measured unit; beyond: it is a lower bound."""

    def show(self, unit):
        v = self.value
        if unit == 'KiB':
            return f'{">" if self.beyond else ""}{v / 1024:.1f} MiB'
        if v < 0.095:
            return f'{v * 1000:.0f} ms'
        return f'{">" if self.beyond else ""}{v:.{2 if v < 9.95 else 1 if v < 99.5 else 0}f} s'


def median(texts):
    beyond = {float(t[1:]) for t in texts if t.startswith('>')}
    m = statistics.median_high([float(t.lstrip('>')) for t in texts]) if beyond \
        else statistics.median([float(t) for t in texts])
    return Figure(m, m in beyond)


def read(logs):
    """{program: {key: [text...]}}, and the description of the machine from any log."""
    values = {p: collections.defaultdict(list) for p in PROGRAMS}
    machine, newest, rounds = {}, 0, 0
    for log in sorted(logs.glob('*/*-*.log')):
        program, number = log.stem.rsplit('-', 1)
        newest, rounds = max(newest, log.stat().st_mtime), max(rounds, int(number))
        figures = re.findall(r'^@ (\S+) (.*)$', log.read_text(errors='replace'), re.M)
        for key, text in figures:
            if re.fullmatch(r'>?-?[0-9.]+', text):
                values['floor' if key.startswith('floor_') else program][key].append(text)
            machine[key] = text
        # from the same minute in the same VM, so that other load on the host has slowed both
        once = dict(figures)
        for n in [m[1] for key, text in figures if (m := re.fullmatch(r'cold_(\d+)_s', key)) and text[0] != '>']:
            values[program][f'over_floor_{n}'].append(str(float(once[f'cold_{n}_s']) / float(once[f'floor_{n}_s'])))
    return values, machine, newest, rounds


class Figures:
    def __init__(self, values):
        self.values = values
        self.numbers = sorted({int(m[1]) for p in PROGRAMS for k in values[p] if (m := re.match(r'(?:cold|floor)_(\d+)_s$', k))})

    def numbers_of(self, what):
        """The numbers of controllers for which ours has the figure."""
        return sorted(int(m[1]) for k in self.values['ours'] if (m := re.fullmatch(rf'{what}_(\d+)_s', k)))

    def get(self, program, key):
        texts = self.values[program].get(key)
        return median(texts) if texts else None

    def net(self, program, key, base, per=1):
        """(key - base) / per; a difference within the noise gives no figure."""
        a, b = self.get(program, key), self.get(program, base)
        if not a or not b or a.beyond or a.value <= b.value:
            return None
        return Figure((a.value - b.value) / per, False)

    def per_controller(self, program, n):
        if program == 'floor':
            f = self.get('floor', f'floor_cpu_{n}_s')
            return f and Figure(f.value / n, False)
        return self.net(program, f'cpu_{n}_s', 'base_cpu_s', n)


def ratio(a, b):
    """The ratio a / b."""
    if not a or not b or not b.value:
        return None
    return Figure(a.value / b.value, a.beyond)


def show_ratio(r, beyond=''):
    if not r:
        return '–'
    return f'{">" if r.beyond else beyond}{r.value:.{0 if r.value >= 20 else 1 if r.value >= 2 else 2}f}'


def figures_table(f):
    rows = []

    def row(name, python, ours, floor=None, unit='s', over=None):
        if python or ours:
            rows.append([name] + [x.show(unit) if x else '–' for x in (python, ours)] + [show_ratio(ratio(python, ours))] +
                        [floor.show(unit) if floor else '', show_ratio(over or ratio(ours, floor)) if floor else ''])

    def plain(name, key, floor=None, unit='s'):
        row(name, f.get('python', key), f.get('ours', key), floor, unit)

    for u in 'stafd', 'stacd':
        plain(f'`systemctl start {u}` to ready', f'start_{u}_s', f.get('ours', f'start_idle_{u}_s'))
    for u in 'stafd', 'stacd':
        plain(f'CPU to ready, {u}, systemd\'s share included', f'start_{u}_cpu_s', f.get('ours', f'start_idle_{u}_cpu_s'))
    for u in 'stafd', 'stacd':
        row(f'CPU to ready, {u}, without systemd\'s share',
            *(f.net(p, f'start_{u}_cpu_s', f'start_idle_{u}_cpu_s') for p in ('python', 'ours')))
    plain('PSS of both, nothing connected', 'idle_pss_kib', unit='KiB')
    for n in f.numbers:
        plain(f'PSS of both, {n} IOCs', f'pss_{n}_kib', unit='KiB')
    for n in f.numbers:
        row(f'cold start of both to {n} IOCs live', f.get('python', f'cold_{n}_s'), f.get('ours', f'cold_{n}_s'),
            f.get('floor', f'floor_{n}_s'), over=f.get('ours', f'over_floor_{n}'))
    for n in f.numbers_of('dead'):
        row(f'cold start to {n} IOCs live beside 10 dead portals; floor: without these',
            f.get('python', f'dead_{n}_s'), f.get('ours', f'dead_{n}_s'), f.get('ours', f'alone_{n}_s'))
    for n in f.numbers:
        row(f'CPU of both for {n} connects', *(f.net(p, f'cpu_{n}_s', 'base_cpu_s') for p in ('python', 'ours')),
            f.get('floor', f'floor_cpu_{n}_s'))
    for n in f.numbers:
        row(f'– per controller at {n}', *(f.per_controller(p, n) for p in PROGRAMS))
    for what, key in ('live', 'aen_live'), ('gone', 'aen_gone'):
        for n in f.numbers:
            plain(f'AEN to {what}, {n} IOCs', f'{key}_{n}_s')
    for key, name in OUTAGES:
        for n in f.numbers_of(key):
            plain(f'{name}, {n} IOCs', f'{key}_{n}_s', f.get('floor', f'floor_{key}_{n}_s'))
    for what in 'gone', 'live':
        plain(f'1 of 4,096 log entries {"removed" if what == "gone" else "added"}: AEN to {what}', f'zone_{what}_4096_s')
        plain('– CPU of both for it', f'zone_{what}_cpu_4096_s')
    for n in f.numbers:
        plain(f'`systemctl restart stacd` to ready, {n} IOCs connected', f'restart_{n}_s')
    for n in f.numbers:
        plain(f'longest `list_controllers(true)` of stacd while {n} connect', f'bus_longest_{n}_s')
        plain(f'the same, median; {n} connected, at rest', f'bus_rest_{n}_s')
    plain('`stafctl ls`, the whole process', 'stafctl_ls_s')
    for n in f.numbers:
        plain(f'`systemctl stop stacd`, {n} IOCs connected', f'stop_{n}_s')
    return table(['figure', 'Python', 'ours', 'Python / ours', 'floor', 'ours / floor'], rows)


def goals_table(f):
    rows = []

    def goal(name, measured, ok):
        rows.append([name, measured, '–' if ok is None else 'yes' if ok else '**no**'])

    def times_less(name, python, ours, times):
        r = ratio(python, ours)
        goal(name, f'{show_ratio(r)} times less', None if not r else r.value >= times)

    def at_most(name, figure, most):
        goal(name, figure.show('s') if figure else '–', None if not figure else figure.value <= most)

    for u in 'stafd', 'stacd':
        times_less(f'start of {u} to ready at least 10 times faster', f.get('python', f'start_{u}_s'), f.get('ours', f'start_{u}_s'), 10)
    for u in 'stafd', 'stacd':
        times_less(f'CPU of {u} to ready at least 50 times less, without systemd\'s share',
                   *(f.net(p, f'start_{u}_cpu_s', f'start_idle_{u}_cpu_s') for p in ('python', 'ours')), 50)
    for name, key in [('nothing connected', 'idle_pss_kib')] + [(f'{n} IOCs', f'pss_{n}_kib') for n in f.numbers]:
        times_less(f'PSS of both at most a tenth, {name}', f.get('python', key), f.get('ours', key), 10)
    for n in [n for n in f.numbers if n >= 32]:
        r = f.get('ours', f'over_floor_{n}')
        goal(f'cold start to {n} IOCs at most 1.15 times the floor', f'{show_ratio(r)} times', None if not r else r.value <= 1.15)
    for n in f.numbers_of('dead'):
        r = ratio(f.get('ours', f'dead_{n}_s'), f.get('ours', f'alone_{n}_s'))
        goal(f'cold start to {n} IOCs beside 10 dead portals at most 1.3 times without', f'{show_ratio(r)} times', None if not r else r.value <= 1.3)
    for key, name in OUTAGES:
        for n in f.numbers_of(key):
            r = ratio(f.get('ours', f'{key}_{n}_s'), f.get('floor', f'floor_{key}_{n}_s'))
            goal(f'{name}, {n} IOCs, at most 1.3 times the floor', f'{show_ratio(r)} times', None if not r else r.value <= 1.3)
    for n in f.numbers:
        times_less(f'AEN to live at most a quarter of Python\'s, {n} IOCs', f.get('python', f'aen_live_{n}_s'), f.get('ours', f'aen_live_{n}_s'), 4)
    for n in f.numbers:
        at_most(f'AEN to gone at most 2 s, {n} IOCs', f.get('ours', f'aen_gone_{n}_s'), 2)
    cpu = [c for n in f.numbers if (c := f.per_controller('ours', n))]
    flat = None if len(cpu) < 2 or len(cpu) < len(f.numbers) else cpu[-1].value <= 1.25 * min(c.value for c in cpu[:-1])
    goal(f'CPU per controller flat: at {f.numbers[-1]} at most 1.25 times the least of the others' if f.numbers else 'CPU per controller flat',
         ', '.join(c.show('s') for c in cpu) or '–', flat)
    for n in f.numbers_of('bus_longest')[-1:]:
        at_most(f'every answer on D-Bus within 0.1 s while {n} connect', f.get('ours', f'bus_longest_{n}_s'), 0.1)
    for n in f.numbers_of('restart')[-1:]:
        at_most(f'restart of stacd with {n} IOCs at most 0.5 s to ready', f.get('ours', f'restart_{n}_s'), 0.5)
    return table(['goal', 'measured', 'met'], rows)


def table(head, rows):
    lines = [head, ['---'] * len(head)] + rows
    return '\n'.join('| ' + ' | '.join(r) + ' |' for r in lines)


def noise(values):
    """A note if other load on the host, in per cent of one CPU, makes the figures less reliable."""
    others = [float(x) for p in PROGRAMS for x in values[p].get('others_percent', [])]
    worst = max(others, default=0)
    return f' on a busy host (other work took up to {worst:.0f} % of a CPU)' if worst > 25 else ''


def main():
    logs, document = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    values, machine, newest, rounds = read(logs)
    f = Figures(values)
    where = (f'Debian {machine.get("debian", "13")}, kernel {machine.get("kernel", "?")}, QEMU emulation without KVM, '
             f'{machine.get("cpus", "2")} vCPUs; Python nvme-stas {machine.get("python_package", "?")}; '
             f'medians of {rounds} round{"s" if rounds > 1 else ""}{noise(values)}; {time.strftime("%Y-%m-%d", time.gmtime(newest))}.')
    text = f'{where}\n\n{goals_table(f)}\n\n{figures_table(f)}\n'
    print(text)
    whole = document.read_text()
    if whole.count(BEGIN) != 1 or whole.count(END) != 1:
        sys.exit(f'table.py: {document} has not one {BEGIN} and one {END}')
    before, after = whole[:whole.index(BEGIN)], whole[whole.index(END):]
    document.write_text(f'{before}{BEGIN}\n\n{text}\n{after}')


main()
