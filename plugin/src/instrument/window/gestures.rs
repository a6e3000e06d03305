//! Parameters as the editor names them, and the host's gestures around every change. Editor thread.

use std::collections::BTreeMap;

use nice_plug::context::gui::GuiContext;
use nice_plug::params::internals::ParamPtr;
use nice_plug::prelude::*;

use super::super::persisted::Shared;
use super::super::session::Snapshot;
use crate::editor::model::ParameterId;

/// All parameters in a fixed order; a [`ParameterId`] counts them.
pub(super) struct Knobs {
    /// Keeps alive what the pointers point to.
    persisted: Shared,
    all: Vec<(String, ParamPtr)>,
}

/// A parameter's facts and value.
pub(super) struct Reading {
    pub(super) name: String,
    pub(super) normalized: f32,
    pub(super) default_normalized: f32,
    pub(super) text: String,
    pub(super) range_text: [String; 2],
    pub(super) steps: Option<u32>,
}

impl Knobs {
    pub(super) fn new(persisted: Shared) -> Self {
        let all = persisted.param_map().into_iter();
        Self {
            all: all.map(|(id, pointer, _)| (id, pointer)).collect(),
            persisted,
        }
    }

    /// Ids in order.
    pub(super) fn ids(&self) -> impl Iterator<Item = (ParameterId, &str)> {
        (0..)
            .map(ParameterId)
            .zip(self.all.iter().map(|(id, _)| id.as_str()))
    }

    /// The id of a parameter.
    pub(super) fn name_of(&self, id: ParameterId) -> Option<&str> {
        self.all.get(id.0 as usize).map(|(id, _)| id.as_str())
    }

    /// The number of an id.
    pub(super) fn number_of(&self, wanted: &str) -> Option<ParameterId> {
        self.ids()
            .find(|(_, id)| *id == wanted)
            .map(|(number, _)| number)
    }

    pub(super) fn read(&self, id: ParameterId) -> Option<Reading> {
        let (_, pointer) = self.all.get(id.0 as usize)?;
        // SAFETY: `persisted` keeps the parameter alive.
        unsafe {
            Some(Reading {
                name: pointer.name().to_owned(),
                normalized: pointer.unmodulated_normalized_value(),
                default_normalized: pointer.default_normalized_value(),
                text: pointer
                    .normalized_value_to_string(pointer.unmodulated_normalized_value(), true),
                range_text: [0.0, 1.0].map(|end| pointer.normalized_value_to_string(end, true)),
                steps: pointer.step_count().map(|steps| steps as u32),
            })
        }
    }

    pub(super) fn begin(&self, host: &GuiContext, id: ParameterId) {
        if let Some((_, pointer)) = self.all.get(id.0 as usize) {
            // SAFETY: as above, and the host knows this parameter.
            unsafe { host.raw_begin_set_parameter(*pointer) };
        }
    }

    pub(super) fn set(&self, host: &GuiContext, id: ParameterId, normalized: f32) {
        if let Some((_, pointer)) = self.all.get(id.0 as usize)
            && normalized.is_finite()
        {
            // SAFETY: as above.
            unsafe { host.raw_set_parameter_normalized(*pointer, normalized.clamp(0.0, 1.0)) };
        }
    }

    pub(super) fn enter(&self, host: &GuiContext, id: ParameterId, text: &str) {
        let pointer = self.all.get(id.0 as usize).map(|(_, pointer)| pointer);
        // SAFETY: as above.
        let value = pointer.and_then(|pointer| unsafe { pointer.string_to_normalized_value(text) });
        if let Some(value) = value {
            self.set(host, id, value);
        }
    }

    pub(super) fn end(&self, host: &GuiContext, id: ParameterId) {
        if let Some((_, pointer)) = self.all.get(id.0 as usize) {
            // SAFETY: as above.
            unsafe { host.raw_end_set_parameter(*pointer) };
        }
    }

    /// One whole gesture.
    pub(super) fn move_to(&self, host: &GuiContext, id: ParameterId, normalized: f32) {
        self.begin(host, id);
        self.set(host, id, normalized);
        self.end(host, id);
    }

    /// Everything that a gesture can change, as it is now.
    pub(super) fn snapshot(&self) -> Snapshot {
        let values = self.ids().filter_map(|(number, id)| {
            let reading = self.read(number)?;
            Some((id.to_owned(), reading.normalized))
        });
        Snapshot {
            parameters: values.collect::<BTreeMap<_, _>>(),
            settings: self.persisted.settings(),
        }
    }

    /// Goes to a snapshot; parameters that stay are not touched. The revision only ever goes on.
    pub(super) fn go_to(&self, host: &GuiContext, snapshot: &Snapshot) {
        for (number, id) in self.ids().filter(|(_, id)| *id != "rev") {
            let now = self.read(number).map(|reading| reading.normalized);
            if let Some(&wanted) = snapshot.parameters.get(id)
                && now != Some(wanted)
            {
                self.move_to(host, number, wanted);
            }
        }
        let scale_percent = self.persisted.settings().scale_percent;
        self.persisted.change(|settings| {
            *settings = snapshot.settings.clone();
            settings.scale_percent = scale_percent;
        });
    }
}
