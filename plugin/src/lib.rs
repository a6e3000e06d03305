//! What a host sees: the instrument and the bed effect. An empty room until its issue; no DSP and no model code will live here.
