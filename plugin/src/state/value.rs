//! A parameter's value as the framework's state holds it. Host main thread.

use nice_plug::params::internals::ParamPtr;
use nice_plug::plugin::ParamValue;
use nice_plug::prelude::Param;

/// A value as the framework writes it. What is no number, which a host can set, is saved as the default.
pub(crate) fn plain_value(pointer: ParamPtr) -> ParamValue {
    // SAFETY: the pointers come from the struct that is being saved.
    unsafe {
        match pointer {
            ParamPtr::FloatParam(param) => {
                let value = (*param).unmodulated_plain_value();
                let usual = (*param).default_plain_value();
                ParamValue::F32(if value.is_finite() { value } else { usual })
            }
            ParamPtr::IntParam(param) => ParamValue::I32((*param).unmodulated_plain_value()),
            ParamPtr::BoolParam(param) => ParamValue::Bool((*param).unmodulated_plain_value()),
            ParamPtr::EnumParam(param) => match (*param).unmodulated_plain_id() {
                Some(id) => ParamValue::String(id.to_owned()),
                None => ParamValue::I32((*param).unmodulated_plain_value()),
            },
        }
    }
}
