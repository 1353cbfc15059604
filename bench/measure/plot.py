"""The plot of docs/performance.svg: how fast udsd is relative to others, on a logarithmic scale."""
import math

ROW, LEFT, WIDTH, TOP = 22, 190, 720, 44


def plot(bars):
    """A dot for each median, a line from minimum to maximum. `bars`: (label, minimum, median, maximum)."""
    least = math.floor(math.log10(min(bar[1] for bar in bars)))
    most = math.ceil(math.log10(max(bar[3] for bar in bars)))
    height = ROW * len(bars) + TOP + 12

    def x(value):
        return LEFT + (math.log10(value) - least) / max(most - least, 1) * (WIDTH - LEFT - 24)

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" font-family="sans-serif" '
           'font-size="12">', f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
           '<text x="8" y="16">Speed of udsd relative to others (1 = as fast; median, and range of all rounds)</text>']
    for power in range(least, most + 1):
        at, strong = x(10 ** power), power == 0
        out.append(f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{TOP - 4}" y2="{height - 8}" '
                   f'stroke="{"#555" if strong else "#ccc"}" stroke-dasharray="{"none" if strong else "4"}"/>'
                   f'<text x="{at:.1f}" y="{TOP - 8}" text-anchor="middle">{10 ** power:g}</text>')
    for row, (label, low, median, high) in enumerate(bars):
        y = TOP + ROW * (row + 0.5)
        out.append(f'<text x="8" y="{y + 4:.1f}">{label}</text>'
                   f'<line x1="{x(low):.1f}" x2="{x(high):.1f}" y1="{y:.1f}" y2="{y:.1f}" stroke="#36c" '
                   'stroke-width="3"/>'
                   f'<circle cx="{x(median):.1f}" cy="{y:.1f}" r="5" fill="#124"/>')
    return '\n'.join(out + ['</svg>', ''])
