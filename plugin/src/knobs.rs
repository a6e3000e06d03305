//! Parameters as editors name them, and the host's gestures around every change. Editor thread.

use std::collections::BTreeMap;
use std::sync::Arc;

use nice_plug::context::gui::GuiContext;
use nice_plug::params::internals::ParamPtr;
use nice_plug::prelude::*;

use crate::editor::model::ParameterId;

/// All parameters in a fixed order; a [`ParameterId`] counts them.
pub(crate) struct Knobs {
    /// Keeps alive what the pointers point to.
    _keeper: Arc<dyn Params>,
    all: Vec<(String, ParamPtr)>,
}

/// A parameter's facts and value.
pub(crate) struct Reading {
    pub(crate) name: String,
    pub(crate) normalized: f32,
    pub(crate) default_normalized: f32,
    pub(crate) text: String,
    pub(crate) range_text: [String; 2],
    pub(crate) steps: Option<u32>,
}

impl Knobs {
    /// The parameters of one instance.
    pub(crate) fn new(keeper: Arc<dyn Params>) -> Self {
        let all = keeper.param_map().into_iter();
        Self {
            all: all.map(|(id, pointer, _)| (id, pointer)).collect(),
            _keeper: keeper,
        }
    }

    /// Ids in order.
    pub(crate) fn ids(&self) -> impl Iterator<Item = (ParameterId, &str)> {
        (0..)
            .map(ParameterId)
            .zip(self.all.iter().map(|(id, _)| id.as_str()))
    }

    /// The id of a parameter.
    pub(crate) fn name_of(&self, id: ParameterId) -> Option<&str> {
        self.all.get(id.0 as usize).map(|(id, _)| id.as_str())
    }

    /// The number of an id.
    pub(crate) fn number_of(&self, wanted: &str) -> Option<ParameterId> {
        self.ids()
            .find(|(_, id)| *id == wanted)
            .map(|(number, _)| number)
    }

    /// A parameter's facts and value.
    pub(crate) fn read(&self, id: ParameterId) -> Option<Reading> {
        let (_, pointer) = self.all.get(id.0 as usize)?;
        // SAFETY: the keeper keeps the parameter alive.
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

    /// A gesture begins.
    pub(crate) fn begin(&self, host: &GuiContext, id: ParameterId) {
        if let Some((_, pointer)) = self.all.get(id.0 as usize) {
            // SAFETY: as above, and the host knows this parameter.
            unsafe { host.raw_begin_set_parameter(*pointer) };
        }
    }

    /// Only between begin and end.
    pub(crate) fn set(&self, host: &GuiContext, id: ParameterId, normalized: f32) {
        if let Some((_, pointer)) = self.all.get(id.0 as usize)
            && normalized.is_finite()
        {
            // SAFETY: as above.
            unsafe { host.raw_set_parameter_normalized(*pointer, normalized.clamp(0.0, 1.0)) };
        }
    }

    /// A value that was typed. Only between begin and end.
    pub(crate) fn enter(&self, host: &GuiContext, id: ParameterId, text: &str) {
        let pointer = self.all.get(id.0 as usize).map(|(_, pointer)| pointer);
        // SAFETY: as above.
        let value = pointer.and_then(|pointer| unsafe { pointer.string_to_normalized_value(text) });
        if let Some(value) = value {
            self.set(host, id, value);
        }
    }

    /// A gesture ends.
    pub(crate) fn end(&self, host: &GuiContext, id: ParameterId) {
        if let Some((_, pointer)) = self.all.get(id.0 as usize) {
            // SAFETY: as above.
            unsafe { host.raw_end_set_parameter(*pointer) };
        }
    }

    /// One whole gesture.
    pub(crate) fn move_to(&self, host: &GuiContext, id: ParameterId, normalized: f32) {
        self.begin(host, id);
        self.set(host, id, normalized);
        self.end(host, id);
    }

    /// Every value by id, normalised.
    pub(crate) fn values(&self) -> BTreeMap<String, f32> {
        let values = self.ids().filter_map(|(number, id)| {
            let reading = self.read(number)?;
            Some((id.to_owned(), reading.normalized))
        });
        values.collect()
    }

    /// Goes to values; parameters that stay are not touched. The revision only ever goes on.
    pub(crate) fn go_to_values(&self, host: &GuiContext, values: &BTreeMap<String, f32>) {
        for (number, id) in self.ids().filter(|(_, id)| *id != "rev") {
            let now = self.read(number).map(|reading| reading.normalized);
            if let Some(&wanted) = values.get(id)
                && now != Some(wanted)
            {
                self.move_to(host, number, wanted);
            }
        }
    }
}
