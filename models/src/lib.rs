//! The contract between trained models and the programs that play them: manifest, ONNX Runtime library, session. The only crate that names ONNX Runtime.
