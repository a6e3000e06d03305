"""Where notes come from besides sound fonts: folders of recordings, SFZ instruments, NSynth's layout.

Each `find` lists what is there without reading a sample; `recording.py` reads one file and brings it to the grid's terms.
"""
