"""The look of a report, on a screen and on paper."""

from flhetero_dash.figures.theme import FONT, LIGHT

STYLE = f"""
:root {{ color-scheme: light; }}
* {{ box-sizing: border-box; }}
body {{ margin: 0 auto; padding: 28px 24px 40px; max-width: 980px; background: {LIGHT.panel};
  color: {LIGHT.text}; font: 14px/1.5 {FONT}; -webkit-print-color-adjust: exact;
  print-color-adjust: exact; }}
h1 {{ margin: 0 0 2px; font-size: 22px; line-height: 1.25; }}
h2 {{ margin: 32px 0 10px; font-size: 18px; line-height: 1.3; }}
h3 {{ margin: 24px 0 8px; font-size: 15px; }}
h4 {{ margin: 14px 0 4px; font-size: 13px; }}
h1, h2, h3, td, th, .said, .facts {{ overflow-wrap: anywhere; }}
p {{ margin: 0 0 8px; }}
.small, figcaption {{ color: {LIGHT.muted}; font-size: 12px; }}
.answer {{ margin: 14px 0 16px; padding: 12px 16px; border: 1px solid {LIGHT.line};
  border-left: 5px solid {LIGHT.inconsistent}; border-radius: 6px; font-size: 17px;
  line-height: 1.45; }}
.gap {{ padding: 8px 12px; border: 1px dashed {LIGHT.muted}; border-radius: 6px; }}
.tiles {{ display: grid; grid-template-columns: repeat(4, 1fr); gap: 8px; margin: 0 0 14px; }}
.tile {{ padding: 10px 12px; border: 1px solid {LIGHT.line}; border-radius: 6px; }}
.tile dt {{ font-size: 12px; font-weight: 600; }}
.tile dd {{ margin: 0; color: {LIGHT.muted}; font-size: 12px; line-height: 1.35; }}
.tile dd:nth-of-type(1) {{ color: {LIGHT.text}; font-size: 24px; font-weight: 650; }}
.figures {{ display: grid; grid-template-columns: 300px minmax(0, 1fr); gap: 10px 22px;
  align-items: start; }}
figure {{ margin: 0 0 6px; }}
figure > svg {{ display: block; width: 100%; height: auto; }}
svg {{ font-size: 11px; }}
.key {{ display: inline-block; vertical-align: -2px; margin: 0 2px 0 0; }}
.item {{ margin-right: 10px; white-space: nowrap; }}
.note {{ margin: 0 0 16px; padding: 14px 16px; border: 1px solid {LIGHT.line};
  border-radius: 8px; }}
.note h3 {{ margin: 0; }}
.said {{ margin: 6px 0 10px; padding-left: 10px; border-left: 3px solid {LIGHT.line};
  font-size: 15px; white-space: pre-wrap; unicode-bidi: isolate; }}
table {{ width: 100%; border-collapse: collapse; font-size: 13px; }}
caption {{ padding: 4px 0; text-align: left; font-weight: 600; }}
th, td {{ padding: 4px 8px 4px 0; border-bottom: 1px solid {LIGHT.line}; text-align: left;
  vertical-align: middle; }}
th {{ font-size: 12px; font-weight: 600; }}
tbody th {{ font-weight: 400; font-size: 13px; }}
.number {{ text-align: right; white-space: nowrap; overflow-wrap: normal;
  font-variant-numeric: tabular-nums; }}
.bar {{ width: 34%; }}
.bar svg {{ display: block; width: 100%; height: 14px; }}
table.values {{ table-layout: fixed; font-size: 12px; }}
.values th:first-child {{ width: 24%; }}
.values tbody th {{ font-size: 12px; }}
.pictures {{ display: flex; flex-wrap: wrap; gap: 8px; margin: 0; padding: 0; list-style: none; }}
.pictures li {{ width: 136px; font-size: 11px; line-height: 1.3; overflow-wrap: anywhere; }}
.pictures img {{ display: block; width: 64px; height: 64px; object-fit: contain;
  border: 1px solid {LIGHT.line}; image-rendering: pixelated; }}
footer {{ margin-top: 28px; padding-top: 8px; border-top: 1px solid {LIGHT.line}; }}
@media (max-width: 760px) {{
  .tiles {{ grid-template-columns: repeat(2, 1fr); }}
  .figures {{ grid-template-columns: minmax(0, 1fr); }}
}}
@page {{ size: A4; margin: 14mm 12mm; }}
@media print {{
  body {{ max-width: none; padding: 0; font-size: 10.5pt; }}
  h1, h2, h3, h4, caption, .lead {{ break-after: avoid; }}
  .figures {{ grid-template-columns: 250px minmax(0, 1fr); }}
  .tile, .answer, .figures, figure, tr, .pictures li, .top {{ break-inside: avoid; }}
  .note {{ padding: 10px 12px; break-inside: avoid; }}
  th, td, tbody th {{ padding: 2px 6px 2px 0; font-size: 8.5pt; }}
  table.values th, table.values td {{ font-size: 8pt; }}
  .pictures li {{ width: 108px; font-size: 7pt; }}
  .note > p {{ break-after: avoid; }}
}}
"""
