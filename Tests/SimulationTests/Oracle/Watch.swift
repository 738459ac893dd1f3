extension World {
    /// What must hold at every moment.
    func watch() throws {}
}
